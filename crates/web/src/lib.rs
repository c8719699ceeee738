//! Page shell, texts, problems, assets.
