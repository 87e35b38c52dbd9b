"""Energy sites over the service: the list, one site, its pictures, its meter, and its report."""
