/**
 * A graph at fixed sizes, bound to kernels, memory and packed weights: what answers a request.
 *
 * <p>Read {@link dev.nagare.graph.plan.Plan} first, then {@link dev.nagare.graph.plan.Frame}. A
 * plan is compiled once, off the lanes; weights are packed once per version; a lane opens a frame
 * and runs it, which allocates nothing. {@link dev.nagare.graph.plan.Plans} keeps a plan for each
 * {@link dev.nagare.graph.plan.Buckets bucket} of rows; versions of a model that differ in their
 * weights alone share them, and the frames of lanes ({@link dev.nagare.graph.plan.PlanFamily}).
 */
@NullMarked
package dev.nagare.graph.plan;

import org.jspecify.annotations.NullMarked;
