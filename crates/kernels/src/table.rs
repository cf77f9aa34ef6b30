//! What one instruction set provides: function pointers, and the entry points behind them.

/// Four queries, rows, four outputs.
type Batch4 = unsafe fn([&[f32]; 4], &[f32], [&mut [f32]; 4]);

/// The entry points of one level.
///
/// The pointers are `unsafe` because most target CPU features that not every CPU has; whoever calls one must have proved them.
/// Lengths were checked by [`Kernels`](crate::Kernels); a wrong one panics or is ignored here, but never reads out of bounds.
pub(crate) struct Table {
    pub(crate) dot: unsafe fn(&[f32], &[f32]) -> f32,
    pub(crate) l2_squared: unsafe fn(&[f32], &[f32]) -> f32,
    pub(crate) l1: unsafe fn(&[f32], &[f32]) -> f32,
    pub(crate) dot_many: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub(crate) l2_squared_many: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub(crate) l1_many: unsafe fn(&[f32], &[f32], &mut [f32]),
    pub(crate) dot_batch4: Batch4,
    pub(crate) axpy: unsafe fn(f32, &[f32], &mut [f32]),
    pub(crate) fht: unsafe fn(&mut [f32]),
    pub(crate) dot_i8: unsafe fn(&[i8], &[i8]) -> i32,
    pub(crate) dot_u4_i8: unsafe fn(&[u8], &[i8]) -> i32,
    pub(crate) dot_u4_i8_x4: unsafe fn([&[u8]; 4], &[i8]) -> [i32; 4],
    pub(crate) hamming: unsafe fn(&[u8], &[u8]) -> u32,
}

/// Compiles the generic `f32` kernels for one instruction set, as a module `float` of the caller.
///
/// `rows` is how many rows a scan takes at a time, `batch_rows` how many a scan of four queries takes: enough independent sums
/// to hide the latency of a fused multiply-add, few enough to stay in registers.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
macro_rules! float_entry_points {
    ($isa:ident, $features:literal, rows = $rows:literal, batch_rows = $batch_rows:literal) => {
        pub(crate) mod float {
            use super::$isa;
            use crate::elementwise;
            use crate::lanes::{self, Difference, Product, Square};

            #[target_feature(enable = $features)]
            pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
                lanes::pair::<_, Product>($isa::new(), a, b)
            }

            #[target_feature(enable = $features)]
            pub(crate) fn l2_squared(a: &[f32], b: &[f32]) -> f32 {
                lanes::pair::<_, Square>($isa::new(), a, b)
            }

            #[target_feature(enable = $features)]
            pub(crate) fn l1(a: &[f32], b: &[f32]) -> f32 {
                lanes::pair::<_, Difference>($isa::new(), a, b)
            }

            #[target_feature(enable = $features)]
            pub(crate) fn dot_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
                lanes::many::<_, Product, $rows>($isa::new(), query, rows, out);
            }

            #[target_feature(enable = $features)]
            pub(crate) fn l2_squared_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
                lanes::many::<_, Square, $rows>($isa::new(), query, rows, out);
            }

            #[target_feature(enable = $features)]
            pub(crate) fn l1_many(query: &[f32], rows: &[f32], out: &mut [f32]) {
                lanes::many::<_, Difference, $rows>($isa::new(), query, rows, out);
            }

            #[target_feature(enable = $features)]
            pub(crate) fn dot_batch4(queries: [&[f32]; 4], rows: &[f32], out: [&mut [f32]; 4]) {
                lanes::batch4::<_, Product, $batch_rows>($isa::new(), queries, rows, out);
            }

            #[target_feature(enable = $features)]
            pub(crate) fn axpy(alpha: f32, x: &[f32], y: &mut [f32]) {
                elementwise::axpy(alpha, x, y);
            }

            #[target_feature(enable = $features)]
            pub(crate) fn fht(x: &mut [f32]) {
                elementwise::fht($isa::new(), x);
            }
        }
    };
}

/// Compiles the generic integer kernels for one instruction set, as a module `integer` of the caller.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
macro_rules! integer_entry_points {
    ($isa:ident, $features:literal) => {
        pub(crate) mod integer {
            use super::$isa;
            use crate::bytes;

            #[target_feature(enable = $features)]
            pub(crate) fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
                bytes::dot_i8($isa::new(), a, b)
            }

            #[target_feature(enable = $features)]
            pub(crate) fn dot_u4_i8(codes: &[u8], query: &[i8]) -> i32 {
                let [sum] = bytes::dot_u4_i8($isa::new(), [codes], query);
                sum
            }

            #[target_feature(enable = $features)]
            pub(crate) fn dot_u4_i8_x4(codes: [&[u8]; 4], query: &[i8]) -> [i32; 4] {
                bytes::dot_u4_i8($isa::new(), codes, query)
            }

            #[target_feature(enable = $features)]
            pub(crate) fn hamming(a: &[u8], b: &[u8]) -> u32 {
                bytes::hamming($isa::new(), a, b)
            }
        }
    };
}

/// A [`Table`] from a `float` and an `integer` module.
macro_rules! table {
    ($float:path, $integer:path) => {{
        use $float as float;
        use $integer as integer;
        $crate::table::Table {
            dot: float::dot,
            l2_squared: float::l2_squared,
            l1: float::l1,
            dot_many: float::dot_many,
            l2_squared_many: float::l2_squared_many,
            l1_many: float::l1_many,
            dot_batch4: float::dot_batch4,
            axpy: float::axpy,
            fht: float::fht,
            dot_i8: integer::dot_i8,
            dot_u4_i8: integer::dot_u4_i8,
            dot_u4_i8_x4: integer::dot_u4_i8_x4,
            hamming: integer::hamming,
        }
    }};
}

pub(crate) use table;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
pub(crate) use {float_entry_points, integer_entry_points};
