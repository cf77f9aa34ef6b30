//! Distances and rotations.
