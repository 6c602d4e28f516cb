"""What classical CNNs are used for (deck, chapter 8)."""
