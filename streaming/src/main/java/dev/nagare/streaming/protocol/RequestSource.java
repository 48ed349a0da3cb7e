package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import dev.nagare.streaming.protocol.RequestReader.Addressee;
import dev.nagare.tensor.PooledMemory;
import org.jspecify.annotations.Nullable;

/**
 * What a request is read from, and where to. For one reader at a time.
 *
 * @param parser before the first token
 * @param json that the parser reads
 * @param payload what came after it; null if the message is JSON alone
 * @param memory where the inputs go: see {@link RequestReader#bytesAtMost}
 * @param addressee whom the request is for
 */
@SuppressWarnings("ArrayRecordComponent") // read once by the codec, compared by nobody
record RequestSource(
    JsonParser parser,
    byte[] json,
    @Nullable Payload payload,
    PooledMemory memory,
    Addressee addressee) {}
