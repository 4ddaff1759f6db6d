//! The witness: the recording proxy between a workspace and the Nango API.
