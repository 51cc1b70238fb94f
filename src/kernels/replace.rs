//! Replacements that look at no value: NULL and constants, and the choice between two arrays.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::kernels::zip::zip;
use arrow::compute::{is_null, nullif};
use arrow::datatypes::{DataType, TimeUnit};

use super::KernelError;
use super::text::LARGEST;

/// The value that takes the place of a cell's value, in the unit of its column.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// For `Int64`.
    Integer(i64),
    /// For `Float64`.
    Float(f64),
    /// For `Decimal128`: the number × 10^scale of the column.
    Decimal(i128),
    /// For `Date32`: days since 1970-01-01.
    Date(i32),
    /// For `Timestamp(µs)`: microseconds since 1970-01-01, an instant if the column has a zone and
    /// a time on the wall if not.
    Timestamp(i64),
    /// For `Boolean`.
    Boolean(bool),
    /// For `Utf8`.
    Text(String),
    /// For `Binary`.
    Bytes(Vec<u8>),
}

/// An array of the same type and length in which every cell is null. Takes any type.
///
/// ```
/// use arrow::array::{Array, Int64Array};
/// use gallra::kernels::replace::nulls;
///
/// assert_eq!(nulls(&Int64Array::from(vec![Some(1), None])).null_count(), 2);
/// ```
#[must_use]
pub fn nulls(array: &dyn Array) -> ArrayRef {
    new_null_array(array.data_type(), array.len())
}

/// `len` times the same text, without nulls.
///
/// # Errors
/// [`KernelError::TooLarge`] if the texts together pass 2 GiB.
pub fn constant_text(value: &str, len: usize) -> Result<StringArray, KernelError> {
    fits("constant_text", value.len(), len)?;
    Ok(StringArray::from_iter_values(std::iter::repeat_n(value, len)))
}

/// An array of type `data_type` in which each of the `len` cells is `value`; no cell is null.
///
/// ```
/// use arrow::array::Array;
/// use arrow::datatypes::DataType;
/// use gallra::kernels::replace::{Constant, constant};
///
/// let placeholder = Constant::Text("XXX".to_owned());
/// assert_eq!(constant(&placeholder, &DataType::Utf8, 2)?.null_count(), 0);
/// assert!(constant(&placeholder, &DataType::Int64, 2).is_err());
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::Constant`] if the constant is of another kind than the column or has more digits
/// than its precision; [`KernelError::TooLarge`] for texts and bytes that pass 2 GiB.
pub fn constant(value: &Constant, data_type: &DataType, len: usize) -> Result<ArrayRef, KernelError> {
    let misfit = |reason| KernelError::Constant { data_type: data_type.clone(), reason };
    Ok(match (value, data_type) {
        (Constant::Integer(value), DataType::Int64) => Arc::new(Int64Array::from_value(*value, len)),
        (Constant::Float(value), DataType::Float64) => Arc::new(Float64Array::from_value(*value, len)),
        (Constant::Decimal(value), DataType::Decimal128(precision, scale)) => {
            let array = Decimal128Array::from_value(*value, len)
                .with_precision_and_scale(*precision, *scale)
                .map_err(|_| misfit("has an impossible precision"))?;
            array.validate_decimal_precision(*precision).map_err(|_| misfit("has too many digits"))?;
            Arc::new(array)
        }
        (Constant::Date(value), DataType::Date32) => Arc::new(Date32Array::from_value(*value, len)),
        (Constant::Timestamp(value), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            let array = TimestampMicrosecondArray::from_value(*value, len);
            Arc::new(array.with_timezone_opt(zone.clone()))
        }
        (Constant::Boolean(value), DataType::Boolean) => Arc::new(BooleanArray::from(vec![*value; len])),
        (Constant::Text(value), DataType::Utf8) => Arc::new(constant_text(value, len)?),
        (Constant::Bytes(value), DataType::Binary) => {
            fits("constant", value.len(), len)?;
            Arc::new(BinaryArray::from_iter_values(std::iter::repeat_n(value, len)))
        }
        _ => return Err(misfit("is of another kind")),
    })
}

/// `value` in every cell of `array` that holds one; null cells stay null.
///
/// # Errors
/// As [`constant`].
pub fn constant_over_values(value: &Constant, array: &dyn Array) -> Result<ArrayRef, KernelError> {
    let filled = constant(value, array.data_type(), array.len())?;
    if array.logical_null_count() == 0 {
        return Ok(filled);
    }
    is_null(array).and_then(|nulls| nullif(&filled, &nulls)).map_err(|_| assembly("constant_over_values", array.data_type()))
}

/// Per row, `treated` where `mask` is true and `original` where it is false or null.
///
/// ```
/// use std::sync::Arc;
///
/// use arrow::array::{ArrayRef, AsArray, BooleanArray, StringArray};
/// use gallra::kernels::replace::{choose, nulls};
///
/// let original: ArrayRef = Arc::new(StringArray::from(vec!["Exempel", "Prov"]));
/// let mask = BooleanArray::from(vec![Some(true), None]);
/// let chosen = choose(&mask, &nulls(&original), &original)?;
/// assert_eq!(chosen.as_string::<i32>(), &StringArray::from(vec![None, Some("Prov")]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::UnequalLengths`] and [`KernelError::UnequalTypes`] if the three do not belong
/// together; [`KernelError::TooLarge`] for texts and bytes that pass 2 GiB.
pub fn choose(mask: &BooleanArray, treated: &ArrayRef, original: &ArrayRef) -> Result<ArrayRef, KernelError> {
    const KERNEL: &str = "choose";
    for array in [treated, original] {
        if array.len() != mask.len() {
            return Err(KernelError::UnequalLengths { kernel: KERNEL, expected: mask.len(), found: array.len() });
        }
    }
    if treated.data_type() != original.data_type() {
        return Err(KernelError::UnequalTypes {
            kernel: KERNEL,
            expected: original.data_type().clone(),
            found: treated.data_type().clone(),
        });
    }
    // On most nights most columns are wholly one or the other.
    match mask.true_count() {
        0 => return Ok(ArrayRef::clone(original)),
        all if all == mask.len() => return Ok(ArrayRef::clone(treated)),
        _ => {}
    }
    let mut bytes = 0_usize;
    for row in 0..mask.len() {
        let source = if mask.is_valid(row) && mask.value(row) { treated } else { original };
        let Some(length) = byte_length(source, row) else {
            break;
        };
        bytes += length;
        if bytes > LARGEST {
            return Err(KernelError::TooLarge { kernel: KERNEL, row });
        }
    }
    zip(mask, treated, original).map_err(|_| assembly(KERNEL, original.data_type()))
}

/// The bytes of a row of texts or bytes; `None` for types of fixed width.
fn byte_length(array: &dyn Array, row: usize) -> Option<usize> {
    let length = match array.data_type() {
        DataType::Utf8 => array.as_string_opt::<i32>()?.value_length(row),
        DataType::Binary => array.as_binary_opt::<i32>()?.value_length(row),
        _ => return None,
    };
    usize::try_from(length).ok()
}

fn fits(kernel: &'static str, bytes: usize, len: usize) -> Result<(), KernelError> {
    if bytes.saturating_mul(len) <= LARGEST { Ok(()) } else { Err(KernelError::TooLarge { kernel, row: LARGEST / bytes.max(1) }) }
}

fn assembly(kernel: &'static str, data_type: &DataType) -> KernelError {
    KernelError::Assembly { kernel, data_type: data_type.clone() }
}

#[cfg(test)]
mod tests {
    use arrow::array::LargeStringArray;
    use proptest::prelude::*;

    use super::*;

    /// One array of every supported type, the middle cell null.
    fn every_type() -> Vec<(ArrayRef, Constant)> {
        let times = TimestampMicrosecondArray::from(vec![Some(1), None, Some(3)]);
        let decimals = Decimal128Array::from(vec![Some(1), None, Some(3)]);
        vec![
            (Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])) as ArrayRef, Constant::Integer(0)),
            (Arc::new(Float64Array::from(vec![Some(1.0), None, Some(3.0)])), Constant::Float(0.5)),
            (Arc::new(decimals.with_precision_and_scale(10, 2).unwrap()), Constant::Decimal(9_999_999_999)),
            (Arc::new(Date32Array::from(vec![Some(1), None, Some(3)])), Constant::Date(-1)),
            (Arc::new(times.clone()), Constant::Timestamp(7)),
            (Arc::new(times.with_timezone("Europe/Stockholm")), Constant::Timestamp(7)),
            (Arc::new(BooleanArray::from(vec![Some(true), None, Some(true)])), Constant::Boolean(false)),
            (Arc::new(StringArray::from(vec![Some("a"), None, Some("")])), Constant::Text("XXX".into())),
            (Arc::new(BinaryArray::from(vec![Some(&b"a"[..]), None, Some(b"")])), Constant::Bytes(vec![0, 255])),
        ]
    }

    /// The constant as Arrow itself reads it back, row by row.
    fn is_constant(array: &dyn Array, row: usize, value: &Constant) -> bool {
        use arrow::datatypes::*;

        match value {
            Constant::Integer(value) => array.as_primitive::<Int64Type>().value(row) == *value,
            Constant::Float(value) => array.as_primitive::<Float64Type>().value(row) == *value,
            Constant::Decimal(value) => array.as_primitive::<Decimal128Type>().value(row) == *value,
            Constant::Date(value) => array.as_primitive::<Date32Type>().value(row) == *value,
            Constant::Timestamp(value) => array.as_primitive::<TimestampMicrosecondType>().value(row) == *value,
            Constant::Boolean(value) => array.as_boolean().value(row) == *value,
            Constant::Text(value) => array.as_string::<i32>().value(row) == value,
            Constant::Bytes(value) => array.as_binary::<i32>().value(row) == value.as_slice(),
        }
    }

    #[test]
    fn every_type_has_nulls_and_a_constant() {
        for (array, value) in every_type() {
            let data_type = array.data_type();
            let none = nulls(&array);
            assert_eq!((none.data_type(), none.len()), (data_type, 3));
            assert_eq!(none.null_count(), 3);
            assert_eq!(&nulls(&none), &none);

            let filled = constant(&value, data_type, 3).unwrap();
            assert_eq!((filled.data_type(), filled.len()), (data_type, 3));
            assert_eq!(filled.null_count(), 0);
            assert!((0..3).all(|row| is_constant(&filled, row, &value)));

            let over = constant_over_values(&value, &array).unwrap();
            assert_eq!(over.data_type(), data_type);
            assert_eq!(over.logical_nulls(), array.logical_nulls());
            assert!(is_constant(&over, 0, &value) && is_constant(&over, 2, &value));
            assert_eq!(&constant_over_values(&value, &over).unwrap(), &over);
            let empty = constant_over_values(&value, &array.slice(0, 0)).unwrap();
            assert_eq!(empty.len(), 0);
        }
    }

    #[test]
    fn a_constant_fits_its_own_type_only() {
        let columns = every_type();
        for (at, (array, _)) in columns.iter().enumerate() {
            for (other, (_, value)) in columns.iter().enumerate() {
                let same = at == other || (matches!(at, 4 | 5) && matches!(other, 4 | 5));
                assert_eq!(constant(value, array.data_type(), 1).is_ok(), same);
            }
        }
        let error = constant(&Constant::Decimal(10_i128.pow(10)), &DataType::Decimal128(10, 2), 1);
        assert_eq!(error.unwrap_err().to_string(), "the constant for type `Decimal128(10, 2)` has too many digits");
        let error = constant(&Constant::Decimal(1), &DataType::Decimal128(77, 2), 1);
        assert!(error.is_err());
    }

    #[test]
    fn too_much_text_is_an_error_before_it_is_made() {
        let long = "x".repeat(1 << 20);
        let error = constant_text(&long, 2048).unwrap_err();
        assert_eq!(error, KernelError::TooLarge { kernel: "constant_text", row: 2047 });
        assert!(constant(&Constant::Bytes(long.into_bytes()), &DataType::Binary, 4096).is_err());
        assert_eq!(constant_text("", 3).unwrap(), StringArray::from(vec![""; 3]));
    }

    #[test]
    fn the_choice_needs_arrays_that_belong_together() {
        let mask = BooleanArray::from(vec![true, false]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["a", "b"]));
        assert!(matches!(choose(&mask, &large, &texts), Err(KernelError::UnequalTypes { .. })));
        assert!(matches!(choose(&mask, &texts.slice(0, 1), &texts), Err(KernelError::UnequalLengths { found: 1, .. })));
        assert!(matches!(choose(&mask, &texts, &texts.slice(1, 1)), Err(KernelError::UnequalLengths { found: 1, .. })));
    }

    #[test]
    fn a_choice_exists_for_every_type() {
        let mask = BooleanArray::from(vec![Some(true), Some(true), None]);
        for (array, value) in every_type() {
            let treated = constant(&value, array.data_type(), 3).unwrap();
            let chosen = choose(&mask, &treated, &array).unwrap();
            assert_eq!(chosen.slice(0, 2).as_ref(), treated.slice(0, 2).as_ref());
            assert_eq!(chosen.slice(2, 1).as_ref(), array.slice(2, 1).as_ref());
        }
    }

    proptest! {
        #[test]
        fn each_row_is_chosen_by_its_mask(
            rows in prop::collection::vec(
                (any::<Option<bool>>(), any::<Option<String>>(), any::<Option<String>>()), 0..40),
            skip in 0_usize..8,
        ) {
            let skip = skip.min(rows.len());
            let mask: BooleanArray = rows.iter().map(|row| row.0).collect();
            let treated: StringArray = rows.iter().map(|row| row.1.as_deref()).collect();
            let original: StringArray = rows.iter().map(|row| row.2.as_deref()).collect();
            let slow: StringArray = rows[skip..]
                .iter()
                .map(|(mask, treated, original)| {
                    if *mask == Some(true) { treated.as_deref() } else { original.as_deref() }
                })
                .collect();
            let length = rows.len() - skip;
            let mask = mask.slice(skip, length);
            let treated: ArrayRef = Arc::new(treated.slice(skip, length));
            let original: ArrayRef = Arc::new(original.slice(skip, length));
            let once = choose(&mask, &treated, &original).unwrap();
            prop_assert_eq!(once.as_string::<i32>(), &slow);
            prop_assert_eq!(&choose(&mask, &treated, &once).unwrap(), &once);
        }
    }
}
