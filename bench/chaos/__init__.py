"""The chaos test: hundreds of deadlines on a desk of its own, while everything that can die does."""
