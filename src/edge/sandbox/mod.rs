//! Walls of the kernel around a program: namespaces, Landlock, seccomp.
