/**
 * What a drill may do to a learner: stop it at a named point, and break one of its promises on
 * purpose, to show that the drill would notice.
 *
 * <p>The product runs with {@link dev.nagare.streaming.rehearsal.Rehearsal#NONE}. Read {@link
 * dev.nagare.streaming.rehearsal.CrashPoint} first.
 */
@NullMarked
package dev.nagare.streaming.rehearsal;

import org.jspecify.annotations.NullMarked;
