//! Accepted parts and the present tree make the next tree.
