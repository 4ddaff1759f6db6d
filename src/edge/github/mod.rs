//! GitHub: webhooks in, tokens, and what is posted.
