"""What the features look like and how far they tell the classes apart, before any model is fitted."""
