"""What an owner sees of a device."""
