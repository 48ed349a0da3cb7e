package dev.nagare.streaming;

/**
 * A checkpoint as the registry knows it: hashes, never paths.
 *
 * @param name of the blob: {@code <model>-<step>-<next offset>-<producer id>-<epoch>}
 * @param step of the learner
 * @param sha256 of the blob, lower-case hexadecimal
 * @param bytes of the blob
 * @param chunks that the blob is cut into in the snapshots topic
 * @param chunkOffset offset of the first chunk there
 * @param lineage which records made it
 * @param recordsDigest SHA-256 chain over the learned records: {@code d' = SHA-256(d, offset as 8
 *     bytes big-endian, value)}, from 32 zero bytes
 * @param stateHash SHA-256 of the model's state
 * @param configuration SHA-256 of the model's configuration
 * @param kernelId kernels that computed it
 * @param writtenAt ISO-8601 instant; tells a person when, nothing depends on it
 */
public record CheckpointRecord(
    String name,
    long step,
    String sha256,
    long bytes,
    int chunks,
    long chunkOffset,
    Lineage lineage,
    String recordsDigest,
    String stateHash,
    String configuration,
    String kernelId,
    String writtenAt) {}
