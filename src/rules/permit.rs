//! Who may steer.
