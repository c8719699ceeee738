//! Every SQL statement of the program, read from its sources, so that a test can prepare each on both databases (I7).
