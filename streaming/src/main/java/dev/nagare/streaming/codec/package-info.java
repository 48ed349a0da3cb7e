/**
 * From the bytes of a record to the values of a row.
 *
 * <p>Read {@link dev.nagare.streaming.codec.RecordCodec} first. What cannot be read is refused with
 * a reason; it never stops a stream.
 */
@NullMarked
package dev.nagare.streaming.codec;

import org.jspecify.annotations.NullMarked;
