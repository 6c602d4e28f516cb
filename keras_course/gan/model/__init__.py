"""The GAN itself: two nets, their losses, one training step."""
