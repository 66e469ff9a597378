//! Reading what people have.

mod county;
