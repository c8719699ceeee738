//! Free time, holds, appointments: who gets which time.
