//! The pinned tool chain: installed once, found ever after.
