//! git: bare mirrors, trees as data, commits in memory, pushes with a lease.
