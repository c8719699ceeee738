//! The door through which tests enter: a whole program on either database, the cast, the planted-data scan.
