"""What goes in: drawing, test images and pictures, and what the network sees of them."""
