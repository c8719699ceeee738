//! Who acts: the public, a person with a visit's token, a partner with a key, a job.
