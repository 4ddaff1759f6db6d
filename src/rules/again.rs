//! After a failed attempt: try again, or give up?
