/**
 * The service of ours that teaches models: what HTTP does with learn, labels, snapshots, rollback
 * and lineage. One method, one file.
 *
 * <p>Read {@link dev.nagare.server.grpc.learning.TeachingMethods} first, which lists them.
 */
@NullMarked
package dev.nagare.server.grpc.learning;

import org.jspecify.annotations.NullMarked;
