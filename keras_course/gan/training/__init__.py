"""Trains a GAN to a report: recipes, collapse alarm, sample grids."""
