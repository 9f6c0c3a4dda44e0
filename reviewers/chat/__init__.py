"""Answering a case of low stakes from a chat message, where its policy allows it."""
