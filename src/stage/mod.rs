//! Steps that join edges.
