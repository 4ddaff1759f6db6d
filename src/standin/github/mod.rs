//! A GitHub that is as strict as GitHub.
