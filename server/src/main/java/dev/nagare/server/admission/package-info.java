/**
 * What every door asks before it works: who is calling, may it come in, which model answers.
 *
 * <p>Read {@link dev.nagare.server.admission.Serving} first.
 */
@NullMarked
package dev.nagare.server.admission;

import org.jspecify.annotations.NullMarked;
