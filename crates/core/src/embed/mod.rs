//! Room under construction: embed.
