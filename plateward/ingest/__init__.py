"""The receiver: authenticates a device, makes its payload durable, answers with a receipt. No Django."""
