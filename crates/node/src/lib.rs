//! The napi binding: it converts, submits and answers; it holds no logic of its own.
