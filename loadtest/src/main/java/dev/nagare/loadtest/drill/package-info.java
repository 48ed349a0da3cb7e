/**
 * {@code nagare drill}: faults on purpose, with a verdict.
 *
 * <p>A drill runs a broker and learners as processes of their own, feeds them, kills them, and lets
 * {@link dev.nagare.loadtest.drill.verify.Verifier} judge what they left. Read {@link
 * dev.nagare.loadtest.drill.KillDrill} first, then {@link
 * dev.nagare.loadtest.drill.RehearsedServer}, which is the process that is killed.
 */
@NullMarked
package dev.nagare.loadtest.drill;

import org.jspecify.annotations.NullMarked;
