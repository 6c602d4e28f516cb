"""How good generated images are: figures of merit, compared with those of real test images."""
