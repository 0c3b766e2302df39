// Tests of primitives/gather_scatter.c: what gather, scatter and scatter_add make, their derivatives
// and batching against their definitions, and what their type rules say of mistakes. Indices of the
// cases are drawn so that windows fall outside and meet.

#include "one_op.h"

#include <math.h>

static const char *const cases[] = {
    "gather f64[4], s32[5,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=clip} : f64[5]",
    "gather f64[4], s32[5,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=fill_or_drop} : f64[5]",
    "gather f64[4], s32[5,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=zero_or_drop} : f64[5]",
    "gather f64[4], u32[1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=clip} : f64[]",
    "gather f64[4], u32[1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=fill_or_drop} : f64[]",
    "gather f64[4], u32[1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=zero_or_drop} : f64[]",
    "gather f64[4], s64[0,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=clip} : f64[0]",
    "gather f64[4], s64[0,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=fill_or_drop} : f64[0]",
    "gather f64[4], s64[0,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=zero_or_drop} : f64[0]",
    "gather f64[4], s32[2,1] {offset_dims=[0], collapsed_slice_dims=[], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[3], mode=clip} : f64[3,2]",
    "gather f64[4], s32[2,1] {offset_dims=[0], collapsed_slice_dims=[], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[3], mode=fill_or_drop} : "
    "f64[3,2]",
    "gather f64[4], s32[2,1] {offset_dims=[0], collapsed_slice_dims=[], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[3], mode=zero_or_drop} : "
    "f64[3,2]",
    "gather f64[3,2], s32[2,0] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,1], mode=clip} : f64[2,2,1]",
    "gather f64[3,2], s32[2,0] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,1], mode=fill_or_drop} : "
    "f64[2,2,1]",
    "gather f64[3,2], s32[2,0] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,1], mode=zero_or_drop} : "
    "f64[2,2,1]",
    "gather f64[4,3], u32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,2], mode=clip} : f64[2,2]",
    "gather f64[4,3], u32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,2], mode=fill_or_drop} : "
    "f64[2,2]",
    "gather f64[4,3], u32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,2], mode=zero_or_drop} : "
    "f64[2,2]",
    "gather f64[4,3], s64[2,2,2] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,2], mode=clip} : f64[2,2,2,2]",
    "gather f64[4,3], s64[2,2,2] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,2], mode=fill_or_drop} : "
    "f64[2,2,2,2]",
    "gather f64[4,3], s64[2,2,2] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,2], mode=zero_or_drop} : "
    "f64[2,2,2,2]",
    "gather f64[3,4], s32[3,2] {offset_dims=[], collapsed_slice_dims=[0,1], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,1], mode=clip} : f64[3]",
    "gather f64[3,4], s32[3,2] {offset_dims=[], collapsed_slice_dims=[0,1], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,1], mode=fill_or_drop} : "
    "f64[3]",
    "gather f64[3,4], s32[3,2] {offset_dims=[], collapsed_slice_dims=[0,1], start_index_map=[1,0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,1], mode=zero_or_drop} : "
    "f64[3]",
    "gather f64[2,3,2], s32[2,2,1] {offset_dims=[2], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[1,1,2], mode=clip} : "
    "f64[2,2,2]",
    "gather f64[2,3,2], s32[2,2,1] {offset_dims=[2], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[1,1,2], mode=fill_or_drop} : "
    "f64[2,2,2]",
    "gather f64[2,3,2], s32[2,2,1] {offset_dims=[2], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[1,1,2], mode=zero_or_drop} : "
    "f64[2,2,2]",
    "gather f64[3,2,4], s32[3,2,2] {offset_dims=[0], collapsed_slice_dims=[0], start_index_map=[0,2], "
    "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,1,2], mode=clip} : "
    "f64[2,3,2]",
    "gather f64[3,2,4], s32[3,2,2] {offset_dims=[0], collapsed_slice_dims=[0], start_index_map=[0,2], "
    "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,1,2], mode=fill_or_drop} : "
    "f64[2,3,2]",
    "gather f64[3,2,4], s32[3,2,2] {offset_dims=[0], collapsed_slice_dims=[0], start_index_map=[0,2], "
    "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,1,2], mode=zero_or_drop} : "
    "f64[2,3,2]",
    "gather f64[2,3], s32[3,2,0] {offset_dims=[], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[0,1], start_indices_batching_dims=[1,0], slice_sizes=[1,1], mode=clip} : "
    "f64[3,2]",
    "gather f64[2,3], s32[3,2,0] {offset_dims=[], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[0,1], start_indices_batching_dims=[1,0], slice_sizes=[1,1], mode=fill_or_drop} : "
    "f64[3,2]",
    "gather f64[2,3], s32[3,2,0] {offset_dims=[], collapsed_slice_dims=[], start_index_map=[], "
    "operand_batching_dims=[0,1], start_indices_batching_dims=[1,0], slice_sizes=[1,1], mode=zero_or_drop} : "
    "f64[3,2]",
    "gather f64[0,3], s32[0,2,1] {offset_dims=[], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[0,1], mode=clip} : f64[0,2]",
    "gather f64[0,3], s32[0,2,1] {offset_dims=[], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[0,1], mode=fill_or_drop} : "
    "f64[0,2]",
    "gather f64[0,3], s32[0,2,1] {offset_dims=[], collapsed_slice_dims=[1], start_index_map=[1], "
    "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[0,1], mode=zero_or_drop} : "
    "f64[0,2]",
    "gather f64[2,0], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,0], mode=clip} : f64[2,0]",
    "gather f64[2,0], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,0], mode=fill_or_drop} : "
    "f64[2,0]",
    "gather f64[2,0], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
    "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,0], mode=zero_or_drop} : "
    "f64[2,0]",
    "scatter f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter f64[4], u32[1], f64[] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter f64[4], u32[1], f64[] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter f64[4], s64[0,1], f64[0] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter f64[4], s64[0,1], f64[0] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter f64[4], s32[2,1], f64[3,2] {update_window_dims=[0], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter f64[4], s32[2,1], f64[3,2] {update_window_dims=[0], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter f64[3,2], s32[2,0], f64[2,2,1] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[], scatter_indices_batching_dims=[], mode=clip} "
    ": f64[3,2]",
    "scatter f64[3,2], s32[2,0], f64[2,2,1] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[3,2]",
    "scatter f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4,3]",
    "scatter f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4,3]",
    "scatter f64[4,3], s64[2,2,2], f64[2,2,2,2] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4,3]",
    "scatter f64[4,3], s64[2,2,2], f64[2,2,2,2] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4,3]",
    "scatter f64[3,4], s32[3,2], f64[3] {update_window_dims=[], inserted_window_dims=[0,1], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[3,4]",
    "scatter f64[3,4], s32[3,2], f64[3] {update_window_dims=[], inserted_window_dims=[0,1], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[3,4]",
    "scatter f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=clip} : f64[2,3,2]",
    "scatter f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=fill_or_drop} : f64[2,3,2]",
    "scatter f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], scatter_indices_batching_dims=[1], "
    "mode=clip} : f64[3,2,4]",
    "scatter f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], scatter_indices_batching_dims=[1], "
    "mode=fill_or_drop} : f64[3,2,4]",
    "scatter f64[2,3], s32[3,2,0], f64[3,2] {update_window_dims=[], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[0,1], scatter_indices_batching_dims=[1,0], "
    "mode=clip} : f64[2,3]",
    "scatter f64[2,3], s32[3,2,0], f64[3,2] {update_window_dims=[], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[0,1], scatter_indices_batching_dims=[1,0], "
    "mode=fill_or_drop} : f64[2,3]",
    "scatter f64[0,3], s32[0,2,1], f64[0,2] {update_window_dims=[], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=clip} : f64[0,3]",
    "scatter f64[0,3], s32[0,2,1], f64[0,2] {update_window_dims=[], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=fill_or_drop} : f64[0,3]",
    "scatter f64[2,0], s32[2,1], f64[2,0] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[2,0]",
    "scatter f64[2,0], s32[2,1], f64[2,0] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[2,0]",
    "scatter f64[0], s32[2,1], f64[2] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[0]",
    "scatter f64[0], s32[2,1], f64[2] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[0]",
    "scatter_add f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter_add f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter_add f64[4], u32[1], f64[] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter_add f64[4], u32[1], f64[] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter_add f64[4], s64[0,1], f64[0] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter_add f64[4], s64[0,1], f64[0] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter_add f64[4], s32[2,1], f64[3,2] {update_window_dims=[0], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4]",
    "scatter_add f64[4], s32[2,1], f64[3,2] {update_window_dims=[0], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4]",
    "scatter_add f64[3,2], s32[2,0], f64[2,2,1] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[], scatter_indices_batching_dims=[], mode=clip} "
    ": f64[3,2]",
    "scatter_add f64[3,2], s32[2,0], f64[2,2,1] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[3,2]",
    "scatter_add f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4,3]",
    "scatter_add f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4,3]",
    "scatter_add f64[4,3], s64[2,2,2], f64[2,2,2,2] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[4,3]",
    "scatter_add f64[4,3], s64[2,2,2], f64[2,2,2,2] {update_window_dims=[0,2], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[4,3]",
    "scatter_add f64[3,4], s32[3,2], f64[3] {update_window_dims=[], inserted_window_dims=[0,1], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[3,4]",
    "scatter_add f64[3,4], s32[3,2], f64[3] {update_window_dims=[], inserted_window_dims=[0,1], "
    "scatter_dims_to_operand_dims=[1,0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[3,4]",
    "scatter_add f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=clip} : f64[2,3,2]",
    "scatter_add f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=fill_or_drop} : f64[2,3,2]",
    "scatter_add f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], scatter_indices_batching_dims=[1], "
    "mode=clip} : f64[3,2,4]",
    "scatter_add f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], scatter_indices_batching_dims=[1], "
    "mode=fill_or_drop} : f64[3,2,4]",
    "scatter_add f64[2,3], s32[3,2,0], f64[3,2] {update_window_dims=[], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[0,1], scatter_indices_batching_dims=[1,0], "
    "mode=clip} : f64[2,3]",
    "scatter_add f64[2,3], s32[3,2,0], f64[3,2] {update_window_dims=[], inserted_window_dims=[], "
    "scatter_dims_to_operand_dims=[], operand_batching_dims=[0,1], scatter_indices_batching_dims=[1,0], "
    "mode=fill_or_drop} : f64[2,3]",
    "scatter_add f64[0,3], s32[0,2,1], f64[0,2] {update_window_dims=[], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=clip} : f64[0,3]",
    "scatter_add f64[0,3], s32[0,2,1], f64[0,2] {update_window_dims=[], inserted_window_dims=[1], "
    "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
    "mode=fill_or_drop} : f64[0,3]",
    "scatter_add f64[2,0], s32[2,1], f64[2,0] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[2,0]",
    "scatter_add f64[2,0], s32[2,1], f64[2,0] {update_window_dims=[1], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[2,0]",
    "scatter_add f64[0], s32[2,1], f64[2] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=clip} : f64[0]",
    "scatter_add f64[0], s32[2,1], f64[2] {update_window_dims=[], inserted_window_dims=[0], "
    "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
    "mode=fill_or_drop} : f64[0]",
};

static void test_gather_scatter_rules_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(cases[i]);
}

// Values from jax.lax: the operand is 1, 2, 3, ..., the updates are 101, 102, ...
static const one_op_expected expected[] = {
    EXPECT("gather f64[4], s32[4,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=clip} : f64[4]",
           (3, -1, 4, 0), 4, 1, 4, 1),
    EXPECT(
        "gather f64[4,3], u32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
        "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,2], mode=clip} : f64[2,2]",
        (3, 1), 10, 11, 4, 5),
    EXPECT("gather f64[4,3], s64[2,2,2] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[0,1], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,2], mode=clip} : "
           "f64[2,2,2,2]",
           (3, 0, 1, 1, 0, 2, 2, -1), 7, 5, 8, 6, 2, 7, 3, 8, 10, 8, 11, 9, 5, 10, 6, 11),
    EXPECT("gather f64[3,4], s32[2,2] {offset_dims=[], collapsed_slice_dims=[0,1], start_index_map=[1,0], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,1], mode=clip} : f64[2]",
           (1, 2, 3, 1), 10, 8),
    EXPECT("gather f64[2,3,2], s32[2,2,1] {offset_dims=[2], collapsed_slice_dims=[1], start_index_map=[1], "
           "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[1,1,2], mode=clip} : "
           "f64[2,2,2]",
           (0, 2, 3, 1), 1, 2, 5, 6, 11, 12, 9, 10),
    EXPECT("gather f64[3,2,4], s32[3,2,2] {offset_dims=[0], collapsed_slice_dims=[0], start_index_map=[0,2], "
           "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,1,2], mode=clip} : "
           "f64[2,3,2]",
           (1, 0, 2, 1, 0, 3, 5, 1, 2, 2, 0, 0), 9, 22, 3, 22, 19, 5, 10, 23, 4, 23, 20, 6),
    EXPECT("gather f64[4], s32[4,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=fill_or_drop} : "
           "f64[4]",
           (3, -1, 4, 0), 4, NAN, NAN, 1),
    EXPECT("gather f64[4,3], u32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,2], mode=fill_or_drop} "
           ": f64[2,2]",
           (3, 1), 10, 11, 4, 5),
    EXPECT("gather f64[4,3], s64[2,2,2] {offset_dims=[0,2], collapsed_slice_dims=[], start_index_map=[0,1], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,2], mode=fill_or_drop} "
           ": f64[2,2,2,2]",
           (3, 0, 1, 1, 0, 2, 2, -1), NAN, 5, NAN, 6, NAN, NAN, NAN, NAN, NAN, 8, NAN, 9, NAN, NAN, NAN, NAN),
    EXPECT("gather f64[3,4], s32[2,2] {offset_dims=[], collapsed_slice_dims=[0,1], start_index_map=[1,0], "
           "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,1], mode=fill_or_drop} "
           ": f64[2]",
           (1, 2, 3, 1), 10, 8),
    EXPECT("gather f64[2,3,2], s32[2,2,1] {offset_dims=[2], collapsed_slice_dims=[1], start_index_map=[1], "
           "operand_batching_dims=[0], start_indices_batching_dims=[0], slice_sizes=[1,1,2], "
           "mode=fill_or_drop} : f64[2,2,2]",
           (0, 2, 3, 1), 1, 2, 5, 6, NAN, NAN, 9, 10),
    EXPECT("gather f64[3,2,4], s32[3,2,2] {offset_dims=[0], collapsed_slice_dims=[0], start_index_map=[0,2], "
           "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,1,2], "
           "mode=fill_or_drop} : f64[2,3,2]",
           (1, 0, 2, 1, 0, 3, 5, 1, 2, 2, 0, 0), 9, 22, NAN, NAN, 19, 5, 10, 23, NAN, NAN, 20, 6),
    EXPECT("scatter f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4]",
           (3, -1, 4, 0, 0), 105, 2, 3, 103),
    EXPECT("scatter f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4,3]",
           (3, 1), 1, 2, 3, 103, 104, 6, 7, 8, 9, 101, 102, 12),
    EXPECT("scatter f64[4,3], s64[3,2], f64[3,2,2] {update_window_dims=[1,2], inserted_window_dims=[], "
           "scatter_dims_to_operand_dims=[0,1], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4,3]",
           (2, 0, 0, 1, 3, 2), 1, 105, 106, 4, 107, 108, 101, 109, 110, 103, 111, 112),
    EXPECT("scatter f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
           "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
           "mode=clip} : f64[2,3,2]",
           (0, 2, 3, 2), 101, 102, 3, 4, 103, 104, 7, 8, 9, 10, 107, 108),
    EXPECT("scatter f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], "
           "scatter_indices_batching_dims=[1], mode=clip} : f64[3,2,4]",
           (1, 0, 2, 1, 0, 3, 5, 1, 1, 0, 0, 0), 1, 2, 103, 109, 106, 112, 7, 8, 105, 111, 11, 12, 13, 14, 15,
           16, 17, 18, 19, 20, 21, 104, 110, 24),
    EXPECT("scatter f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4]",
           (3, -1, 4, 0, 0), 105, 2, 3, 101),
    EXPECT("scatter f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4,3]",
           (3, 1), 1, 2, 3, 103, 104, 6, 7, 8, 9, 101, 102, 12),
    EXPECT("scatter f64[4,3], s64[3,2], f64[3,2,2] {update_window_dims=[1,2], inserted_window_dims=[], "
           "scatter_dims_to_operand_dims=[0,1], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4,3]",
           (2, 0, 0, 1, 3, 2), 1, 105, 106, 4, 107, 108, 101, 102, 9, 103, 104, 12),
    EXPECT("scatter f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], inserted_window_dims=[1], "
           "scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], scatter_indices_batching_dims=[0], "
           "mode=fill_or_drop} : f64[2,3,2]",
           (0, 2, 3, 2), 101, 102, 3, 4, 103, 104, 7, 8, 9, 10, 107, 108),
    EXPECT("scatter f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], "
           "scatter_indices_batching_dims=[1], mode=fill_or_drop} : f64[3,2,4]",
           (1, 0, 2, 1, 0, 3, 5, 1, 1, 0, 0, 0), 1, 2, 3, 4, 106, 112, 7, 8, 105, 111, 11, 12, 13, 14, 15, 16,
           17, 18, 19, 20, 21, 102, 108, 24),
    EXPECT("scatter_add f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4]",
           (3, -1, 4, 0, 0), 312, 2, 3, 208),
    EXPECT("scatter_add f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4,3]",
           (3, 1), 1, 2, 3, 107, 109, 6, 7, 8, 9, 111, 113, 12),
    EXPECT("scatter_add f64[4,3], s64[3,2], f64[3,2,2] {update_window_dims=[1,2], inserted_window_dims=[], "
           "scatter_dims_to_operand_dims=[0,1], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[4,3]",
           (2, 0, 0, 1, 3, 2), 1, 107, 109, 4, 112, 114, 108, 219, 119, 113, 226, 124),
    EXPECT("scatter_add f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], "
           "inserted_window_dims=[1], scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], "
           "scatter_indices_batching_dims=[0], mode=clip} : f64[2,3,2]",
           (0, 2, 3, 2), 102, 104, 3, 4, 108, 110, 7, 8, 9, 10, 223, 226),
    EXPECT("scatter_add f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], "
           "inserted_window_dims=[0], scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], "
           "scatter_indices_batching_dims=[1], mode=clip} : f64[3,2,4]",
           (1, 0, 2, 1, 0, 3, 5, 1, 1, 0, 0, 0), 1, 2, 106, 113, 111, 118, 7, 8, 215, 228, 11, 12, 13, 14, 15,
           16, 17, 18, 19, 20, 21, 228, 241, 24),
    EXPECT("scatter_add f64[4], s32[5,1], f64[5] {update_window_dims=[], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4]",
           (3, -1, 4, 0, 0), 210, 2, 3, 105),
    EXPECT("scatter_add f64[4,3], u32[2,1], f64[2,2] {update_window_dims=[1], inserted_window_dims=[0], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4,3]",
           (3, 1), 1, 2, 3, 107, 109, 6, 7, 8, 9, 111, 113, 12),
    EXPECT("scatter_add f64[4,3], s64[3,2], f64[3,2,2] {update_window_dims=[1,2], inserted_window_dims=[], "
           "scatter_dims_to_operand_dims=[0,1], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=fill_or_drop} : f64[4,3]",
           (2, 0, 0, 1, 3, 2), 1, 107, 109, 4, 112, 114, 108, 110, 9, 113, 115, 12),
    EXPECT("scatter_add f64[2,3,2], s32[2,2,1], f64[2,2,2] {update_window_dims=[2], "
           "inserted_window_dims=[1], scatter_dims_to_operand_dims=[1], operand_batching_dims=[0], "
           "scatter_indices_batching_dims=[0], mode=fill_or_drop} : f64[2,3,2]",
           (0, 2, 3, 2), 102, 104, 3, 4, 108, 110, 7, 8, 9, 10, 118, 120),
    EXPECT("scatter_add f64[3,2,4], s32[3,2,2], f64[2,3,2] {update_window_dims=[0], "
           "inserted_window_dims=[0], scatter_dims_to_operand_dims=[0,2], operand_batching_dims=[1], "
           "scatter_indices_batching_dims=[1], mode=fill_or_drop} : f64[3,2,4]",
           (1, 0, 2, 1, 0, 3, 5, 1, 1, 0, 0, 0), 1, 2, 3, 4, 111, 118, 7, 8, 215, 228, 11, 12, 13, 14, 15, 16,
           17, 18, 19, 20, 21, 124, 131, 24),
    // windows that meet across the leading axis of the updates: the last in row-major order stays
    EXPECT("scatter f64[3], s32[2,1], f64[2,2] {update_window_dims=[0], inserted_window_dims=[], "
           "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
           "mode=clip} : f64[3]",
           (0, 1), 101, 103, 104),
};

static void test_gather_scatter_make_what_jax_makes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) check_evaluation(&expected[i]);
}

static const struct {
    const char *operation, *message;
} mistakes[] = {
    {"gather f32[4,3], f32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "indices are f32[2,1]: they must be integers"},
    {"gather f32[4,3], s32[] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "indices are s32[]: they need an axis of index vectors"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[2], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "offset_dims [2]: axis 2 is not one of the 2"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[-1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "offset_dims [-1]: axis -1 is not one of the 2"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1,0], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "offset_dims [1,0] must be in increasing order"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1,1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "offset_dims [1,1]: axis 1 is given twice"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[2], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "collapsed_slice_dims [2]: axis 2 is not one of the 2"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[1,0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "collapsed_slice_dims [1,0] must be in increasing order"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[2], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "start_index_map [2]: axis 2 is not one of the 2"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0,0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "start_index_map [0,0]: axis 0 is given twice"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[1,0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "start_index_map [1,0] needs an entry for each of the 1 numbers of an index vector of s32[2,1]"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[1,0], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "operand_batching_dims [1,0] must be in increasing order"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[0], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "collapsed_slice_dims [0] and operand_batching_dims [0] both have axis 0"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[], start_index_map=[0], "
     "operand_batching_dims=[0], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "start_index_map [0] and operand_batching_dims [0] both have axis 0"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[1], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "operand_batching_dims has 1 entries and start_indices_batching_dims has 0"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[1], start_indices_batching_dims=[1], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "start_indices_batching_dims [1]: axis 1 is not one of the 1"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[1], start_indices_batching_dims=[0], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "batching axis 1 of f32[4,3] and 0 of the indices s32[2,1] differ in size"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,3], mode=clip} : f32[2,3]",
     "f32[4,3]: its 2 axes are not the 1 of offset_dims, 0 of collapsed_slice_dims and 0 of "
     "operand_batching_dims together"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1], mode=clip} : f32[2,3]",
     "f32[4,3]: slice_sizes [1] needs an entry for each of the 2 axes"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,4], mode=clip} : f32[2,3]",
     "f32[4,3]: a slice of size 4 does not fit in axis 1 of size 3"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[1,-1], mode=clip} : f32[2,3]",
     "f32[4,3]: a slice of size -1 does not fit in axis 1 of size 3"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[2,3], mode=clip} : f32[2,3]",
     "slice_sizes [2,3]: the size of collapsed axis 0 must be 1"},
    {"gather f32[4,3], s32[2,1] {offset_dims=[1], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[], start_indices_batching_dims=[], slice_sizes=[0,3], mode=clip} : f32[2,3]",
     "slice_sizes [0,3]: the size of collapsed axis 0 must be 1"},
    {"gather f32[4,3], s32[3,1] {offset_dims=[], collapsed_slice_dims=[0], start_index_map=[0], "
     "operand_batching_dims=[1], start_indices_batching_dims=[0], slice_sizes=[1,2], mode=clip} : f32[2,3]",
     "slice_sizes [1,2]: the size of batching axis 1 must be 1"},
    {"scatter f32[4,3], bool[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "indices are bool[2,1]: they must be integers"},
    {"scatter f32[4,3], s32[2,1], f64[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "f32[4,3] updated by f64[2,3]: they must have one dtype"},
    {"scatter f32[4,3], s32[2,1], f32[2] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "updates are f32[2]: the 1 axes of update_window_dims and the axes of indices s32[2,1] but the last "
     "make rank 2"},
    {"scatter f32[4,3], s32[2,1], f32[2,4] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "f32[4,3] updated by windows of f32[2,4]: size 4 does not fit in axis 1"},
    {"scatter f32[4,3], s32[2,1], f32[3,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "axis 0 of updates f32[3,3] and axis 0 of indices s32[2,1] differ in size"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[3], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "update_window_dims [3]: axis 3 is not one of the 2"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1,0], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "update_window_dims [1,0] must be in increasing order"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[0,1], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "f32[4,3]: its 2 axes are not the 1 of update_window_dims, 2 of inserted_window_dims and 0 of "
     "operand_batching_dims together"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[-1], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "inserted_window_dims [-1]: axis -1 is not one of the 2"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[5], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "scatter_dims_to_operand_dims [5]: axis 5 is not one of the 2"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0,1], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "scatter_dims_to_operand_dims [0,1] needs an entry for each of the 1 numbers of an index vector of "
     "s32[2,1]"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[0], scatter_indices_batching_dims=[], "
     "mode=clip} : f32[4,3]",
     "inserted_window_dims [0] and operand_batching_dims [0] both have axis 0"},
    {"scatter f32[4,3], s32[2,1], f32[2,3] {update_window_dims=[], inserted_window_dims=[], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[1], scatter_indices_batching_dims=[0], "
     "mode=clip} : f32[4,3]",
     "batching axis 1 of f32[4,3] and 0 of the indices s32[2,1] differ in size"},
    {"scatter_add bool[4,3], s32[2,1], bool[2,3] {update_window_dims=[1], inserted_window_dims=[0], "
     "scatter_dims_to_operand_dims=[0], operand_batching_dims=[], scatter_indices_batching_dims=[], "
     "mode=clip} : bool[4,3]",
     "bool[4,3]: scatter_add takes integers, floating point or complex, not bool"},
};

static void test_gather_scatter_say_what_is_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        check_error(mistakes[i].operation, mistakes[i].message);
}

// What an element out of bounds is read as, by dtype.
static void reads_fill_values(void *argument) {
    static const struct {
        cv_dtype dtype;
        double fill;
    } rows[] = {
        {CV_BOOL, 1},      {CV_S8, INT8_MIN},  {CV_S16, INT16_MIN},  {CV_S32, INT32_MIN},
        {CV_S64, -0x1p63}, {CV_U8, UINT8_MAX}, {CV_U16, UINT16_MAX}, {CV_U32, UINT32_MAX},
        {CV_U64, -1},      {CV_F32, NAN},      {CV_F64, NAN},
    };
    one_op *t = argument;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
        for (int64_t mode = IR_FILL_OR_DROP; mode <= IR_FILL_ZERO_OR_DROP; mode++) {
            const ir_type *type = ir_type_get(t->module, rows[r].dtype, 1, (int64_t[]){2});
            const ir_type *indices = ir_type_get(t->module, CV_S32, 2, (int64_t[]){3, 1});
            ir_builder *b = ir_builder_new(t->module, "fill");
            ir_val x = ir_param(b, type), i = ir_param(b, indices);
            ir_val y = ir_gather(b, x, i,
                                 &(ir_gather_attributes){.collapsed_slice_dims = IR_DIMS(0),
                                                         .start_index_map = IR_DIMS(0),
                                                         .slice_sizes = IR_DIMS(1),
                                                         .mode = mode});
            ir_array in[] = {one_op_array(t, type), {indices, (int32_t[]){1, 2, -1}}};
            one_op_set(&in[0], 1, 1);
            ir_array got = one_op_run(t, ir_finish(b, &y, 1), in);
            double fill = mode == IR_FILL_OR_DROP ? rows[r].fill : 0, want[] = {1, fill, fill};
            for (int64_t k = 0; k < 3; k++) {
                union ir_scalar scalar = {0};
                size_t size = cv_dtype_size(rows[r].dtype);
                memcpy(&scalar, (char *)got.data + (size_t)k * size, size);
                double value = rows[r].dtype == CV_U64 ? (double)(int64_t)scalar.u64 : one_op_get(&got, k);
                require(one_op_same(value, want[k]), "%s: element %d is %g, not %g",
                        cv_dtype_name(rows[r].dtype), (int)k, value, want[k]);
            }
        }
}

static void test_gather_reads_fill_values(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new()};
    passes(reads_fill_values, &t, "fill values");
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

// A gather's cotangent is scattered into the accumulator itself.
static void accumulates_in_place(void *argument) {
    one_op *t = argument;
    t->f = ir_parse(t->module, "case", one_op_program(&t->arena, t->program));
    t->op = one_op_of(t->f);
    const ir_function *given = one_op_transposed(t, 1, 1);
    require(given->n_ops == 1 && given->ops[0].primitive == IR_scatter_add, "more than a scatter");
}

static void test_gather_transpose_writes_into_the_accumulator(void **state) {
    (void)state;
    one_op t = {.module = ir_module_new(), .program = cases[0]};
    passes(accumulates_in_place, &t, t.program);
    base_arena_free(&t.arena);
    ir_module_free(t.module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather_scatter_rules_hold),
        cmocka_unit_test(test_gather_scatter_make_what_jax_makes),
        cmocka_unit_test(test_gather_scatter_say_what_is_wrong),
        cmocka_unit_test(test_gather_reads_fill_values),
        cmocka_unit_test(test_gather_transpose_writes_into_the_accumulator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
