//! A scripted model behind an OpenAI-compatible API.
