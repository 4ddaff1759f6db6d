//! Signs in a transcript that an agent cheated. One file each.
