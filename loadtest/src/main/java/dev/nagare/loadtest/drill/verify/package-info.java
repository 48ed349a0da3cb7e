/**
 * The judge of a drill. It sees what is in the topics and on the disk, reads it with plain clients,
 * and shares no code with the learner or its checkpoints: what it finds equal it has computed a
 * second time.
 *
 * <p>Read {@link dev.nagare.loadtest.drill.verify.Verifier} first.
 */
@NullMarked
package dev.nagare.loadtest.drill.verify;

import org.jspecify.annotations.NullMarked;
