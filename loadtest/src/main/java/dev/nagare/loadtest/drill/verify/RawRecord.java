package dev.nagare.loadtest.drill.verify;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record as a topic has it.
 *
 * @param offset in the topic's only partition
 * @param key as text; null if it has none
 * @param value bytes, not to be changed; null for a tombstone
 * @param headers as text
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier; records are never compared
public record RawRecord(
    long offset, @Nullable String key, byte @Nullable [] value, Map<String, String> headers) {}
