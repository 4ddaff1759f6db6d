//! How a brief reads, and how the report that answers it is read.
