//! The person: contact points, sealed, found by phone, confirmed by a code.
