"""What growth means for loans: stages beside crops, insurance and relief beside alerts."""
