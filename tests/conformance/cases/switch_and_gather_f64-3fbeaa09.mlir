module @jit_switch_and_gather attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xi32>, %arg1: tensor<6x5xf64>, %arg2: tensor<5xf64>) -> (tensor<3x5xf64> {jax.result_info = "result[0]"}, tensor<6x5xf64> {jax.result_info = "result[1]"}) {
    %c = stablehlo.constant dense<0> : tensor<i64>
    %c_0 = stablehlo.constant dense<5> : tensor<i64>
    %0 = call @clip(%arg0, %c, %c_0) : (tensor<3xi32>, tensor<i64>, tensor<i64>) -> tensor<3xi32>
    %c_1 = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.broadcast_in_dim %c_1, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %2 = stablehlo.compare LT, %0, %1, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_2 = stablehlo.constant dense<6> : tensor<i32>
    %3 = stablehlo.broadcast_in_dim %c_2, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %4 = stablehlo.add %0, %3 : tensor<3xi32>
    %5 = stablehlo.select %2, %4, %0 : tensor<3xi1>, tensor<3xi32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %7 = "stablehlo.gather"(%arg1, %6) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 5>}> : (tensor<6x5xf64>, tensor<3x1xi32>) -> tensor<3x5xf64>
    %8 = stablehlo.slice %arg0 [0:1] : (tensor<3xi32>) -> tensor<1xi32>
    %9 = stablehlo.reshape %8 : (tensor<1xi32>) -> tensor<i32>
    %c_3 = stablehlo.constant dense<0> : tensor<i32>
    %c_4 = stablehlo.constant dense<2> : tensor<i32>
    %10 = stablehlo.clamp %c_3, %9, %c_4 : tensor<i32>
    %11 = "stablehlo.case"(%10) ({
      %24 = stablehlo.sine %arg2 : tensor<5xf64>
      stablehlo.return %24 : tensor<5xf64>
    }, {
      %24 = stablehlo.multiply %arg2, %arg2 : tensor<5xf64>
      stablehlo.return %24 : tensor<5xf64>
    }, {
      %24 = func.call @cumsum(%arg2) : (tensor<5xf64>) -> tensor<5xf64>
      stablehlo.return %24 : tensor<5xf64>
    }) : (tensor<i32>) -> tensor<5xf64>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %12 = stablehlo.reduce(%arg2 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<5xf64>, tensor<f64>) -> tensor<f64>
    %cst_5 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %13 = stablehlo.compare GT, %12, %cst_5, FLOAT : (tensor<f64>, tensor<f64>) -> tensor<i1>
    %14 = stablehlo.convert %13 : (tensor<i1>) -> tensor<i32>
    %15 = "stablehlo.case"(%14) ({
      %24 = stablehlo.broadcast_in_dim %11, dims = [1] : (tensor<5xf64>) -> tensor<1x5xf64>
      %25 = stablehlo.broadcast_in_dim %24, dims = [0, 1] : (tensor<1x5xf64>) -> tensor<3x5xf64>
      %26 = stablehlo.subtract %7, %25 : tensor<3x5xf64>
      stablehlo.return %26 : tensor<3x5xf64>
    }, {
      %24 = stablehlo.broadcast_in_dim %11, dims = [1] : (tensor<5xf64>) -> tensor<1x5xf64>
      %25 = stablehlo.broadcast_in_dim %24, dims = [0, 1] : (tensor<1x5xf64>) -> tensor<3x5xf64>
      %26 = stablehlo.add %7, %25 : tensor<3x5xf64>
      stablehlo.return %26 : tensor<3x5xf64>
    }) : (tensor<i32>) -> tensor<3x5xf64>
    %c_6 = stablehlo.constant dense<0> : tensor<i32>
    %16 = stablehlo.broadcast_in_dim %c_6, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %17 = stablehlo.compare LT, %arg0, %16, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_7 = stablehlo.constant dense<6> : tensor<i32>
    %18 = stablehlo.broadcast_in_dim %c_7, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %19 = stablehlo.add %arg0, %18 : tensor<3xi32>
    %20 = stablehlo.select %17, %19, %arg0 : tensor<3xi1>, tensor<3xi32>
    %21 = stablehlo.broadcast_in_dim %20, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %22 = stablehlo.broadcast_in_dim %11, dims = [1] : (tensor<5xf64>) -> tensor<3x5xf64>
    %23 = "stablehlo.scatter"(%arg1, %21, %22) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg3: tensor<f64>, %arg4: tensor<f64>):
      %24 = stablehlo.add %arg3, %arg4 : tensor<f64>
      stablehlo.return %24 : tensor<f64>
    }) : (tensor<6x5xf64>, tensor<3x1xi32>, tensor<3x5xf64>) -> tensor<6x5xf64>
    return %15, %23 : tensor<3x5xf64>, tensor<6x5xf64>
  }
  func.func private @clip(%arg0: tensor<3xi32>, %arg1: tensor<i64>, %arg2: tensor<i64>) -> tensor<3xi32> {
    %0 = stablehlo.convert %arg1 : (tensor<i64>) -> tensor<i32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %2 = stablehlo.maximum %1, %arg0 : tensor<3xi32>
    %3 = stablehlo.convert %arg2 : (tensor<i64>) -> tensor<i32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %5 = stablehlo.minimum %4, %2 : tensor<3xi32>
    return %5 : tensor<3xi32>
  }
  func.func private @cumsum(%arg0: tensor<5xf64>) -> tensor<5xf64> {
    %0 = call @cumsum_0(%arg0) : (tensor<5xf64>) -> tensor<5xf64>
    return %0 : tensor<5xf64>
  }
  func.func private @cumsum_0(%arg0: tensor<5xf64>) -> tensor<5xf64> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f64>) -> tensor<f64>
    %1 = "stablehlo.reduce_window"(%arg0, %0) <{base_dilations = array<i64: 1>, padding = dense<[[4, 0]]> : tensor<1x2xi64>, window_dilations = array<i64: 1>, window_dimensions = array<i64: 5>, window_strides = array<i64: 1>}> ({
    ^bb0(%arg1: tensor<f64>, %arg2: tensor<f64>):
      %2 = stablehlo.add %arg1, %arg2 : tensor<f64>
      stablehlo.return %2 : tensor<f64>
    }) : (tensor<5xf64>, tensor<f64>) -> tensor<5xf64>
    return %1 : tensor<5xf64>
  }
}
