//! What a happening asks for.
