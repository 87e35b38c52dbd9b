"""Applications over the service: from the farmer to the draw-down."""
