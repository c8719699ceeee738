//! The five kinds of value that cross the door.

use crate::DbError;

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL null.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `DOUBLE PRECISION`.
    Real(f64),
    /// `TEXT`.
    Text(String),
    /// `BYTEA` / `BLOB`.
    Bytes(Vec<u8>),
}

/// Builds the parameter list of a statement from values of the field: `args![id, now, name]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::Value::from($value)),*] };
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Int(value)
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Int(i64::from(value))
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(value.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Bytes(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Value::Bytes(value.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Value::Bytes(value.to_vec())
    }
}
impl From<clock::Timestamp> for Value {
    fn from(value: clock::Timestamp) -> Self {
        Value::Int(value.micros())
    }
}
impl<T> From<Option<T>> for Value
where
    Value: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Value::from)
    }
}

/// A type that can be read out of a [`Row`].
pub trait FromValue: Sized {
    /// The value, or `None` when it is of another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Int(value) = value { Some(*value) } else { None }
    }
}
impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Int(value) = value { Some(*value != 0) } else { None }
    }
}
impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(*value),
            Value::Int(value) => Some(*value as f64),
            _ => None,
        }
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Text(value) = value { Some(value.clone()) } else { None }
    }
}
impl FromValue for Vec<u8> {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Bytes(value) = value { Some(value.clone()) } else { None }
    }
}
impl<const N: usize> FromValue for [u8; N] {
    fn from_value(value: &Value) -> Option<Self> {
        if let Value::Bytes(value) = value { value.as_slice().try_into().ok() } else { None }
    }
}
impl FromValue for clock::Timestamp {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(clock::Timestamp)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        if *value == Value::Null { Some(None) } else { T::from_value(value).map(Some) }
    }
}

/// One row of an answer, its columns in the order of the `SELECT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The column at `index`, counted from 0.
    ///
    /// # Errors
    /// [`DbError::Shape`] when there is no such column or it holds another kind of value.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, DbError> {
        self.0
            .get(index)
            .and_then(T::from_value)
            .ok_or_else(|| DbError::Shape(format!("column {index} is not a {}", std::any::type_name::<T>())))
    }
}

/// The text `($1,$2),($3,$4)` for `rows` rows of `width` parameters, counted from `$first`.
pub fn placeholders(rows: usize, width: usize, first: usize) -> String {
    let mut text = String::with_capacity(rows * width * 5);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..width {
            if column > 0 {
                text.push(',');
            }
            text.push('$');
            text.push_str(&(first + row * width + column).to_string());
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn placeholders_count_on() {
        assert_eq!(super::placeholders(2, 2, 3), "($3,$4),($5,$6)");
        assert_eq!(super::placeholders(1, 3, 1), "($1,$2,$3)");
    }
}
