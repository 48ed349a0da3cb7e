/**
 * {@code nagare doctor}: what this machine has of what Nagare needs, each finding with a remedy.
 *
 * <p>Read {@link dev.nagare.server.doctor.Finding} first.
 */
@NullMarked
package dev.nagare.server.doctor;

import org.jspecify.annotations.NullMarked;
