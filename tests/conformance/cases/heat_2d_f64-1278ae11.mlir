module @jit_heat_2d attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<16x16xf64>, %arg1: tensor<f64>) -> (tensor<16x16xf64> {jax.result_info = "result[0]"}, tensor<25xf64> {jax.result_info = "result[1]"}) {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f64>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f64>) -> tensor<25xf64>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %1:4 = stablehlo.while(%iterArg = %arg1, %iterArg_0 = %c, %iterArg_1 = %arg0, %iterArg_2 = %0) : tensor<f64>, tensor<i64>, tensor<16x16xf64>, tensor<25xf64>
    cond {
      %c_3 = stablehlo.constant dense<25> : tensor<i64>
      %2 = stablehlo.compare LT, %iterArg_0, %c_3, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      stablehlo.return %2 : tensor<i1>
    } do {
      %2 = func.call @_roll_static(%iterArg_1) : (tensor<16x16xf64>) -> tensor<16x16xf64>
      %3 = func.call @_roll_static_0(%iterArg_1) : (tensor<16x16xf64>) -> tensor<16x16xf64>
      %4 = stablehlo.add %2, %3 : tensor<16x16xf64>
      %5 = func.call @_roll_static_1(%iterArg_1) : (tensor<16x16xf64>) -> tensor<16x16xf64>
      %6 = stablehlo.add %4, %5 : tensor<16x16xf64>
      %7 = func.call @_roll_static_2(%iterArg_1) : (tensor<16x16xf64>) -> tensor<16x16xf64>
      %8 = stablehlo.add %6, %7 : tensor<16x16xf64>
      %cst_3 = stablehlo.constant dense<4.000000e+00> : tensor<f64>
      %9 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f64>) -> tensor<16x16xf64>
      %10 = stablehlo.multiply %9, %iterArg_1 : tensor<16x16xf64>
      %11 = stablehlo.subtract %8, %10 : tensor<16x16xf64>
      %12 = stablehlo.broadcast_in_dim %iterArg, dims = [] : (tensor<f64>) -> tensor<16x16xf64>
      %13 = stablehlo.multiply %12, %11 : tensor<16x16xf64>
      %14 = stablehlo.add %iterArg_1, %13 : tensor<16x16xf64>
      %15 = stablehlo.multiply %iterArg_1, %iterArg_1 : tensor<16x16xf64>
      %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f64>
      %16 = stablehlo.reduce(%15 init: %cst_4) applies stablehlo.add across dimensions = [0, 1] : (tensor<16x16xf64>, tensor<f64>) -> tensor<f64>
      %17 = func.call @dynamic_update_index_in_dim(%iterArg_2, %16, %iterArg_0) : (tensor<25xf64>, tensor<f64>, tensor<i64>) -> tensor<25xf64>
      %c_5 = stablehlo.constant dense<1> : tensor<i64>
      %18 = stablehlo.add %iterArg_0, %c_5 : tensor<i64>
      stablehlo.return %iterArg, %18, %14, %17 : tensor<f64>, tensor<i64>, tensor<16x16xf64>, tensor<25xf64>
    }
    return %1#2, %1#3 : tensor<16x16xf64>, tensor<25xf64>
  }
  func.func private @_roll_static(%arg0: tensor<16x16xf64>) -> tensor<16x16xf64> {
    %0 = stablehlo.slice %arg0 [15:16, 0:16] : (tensor<16x16xf64>) -> tensor<1x16xf64>
    %1 = stablehlo.slice %arg0 [0:15, 0:16] : (tensor<16x16xf64>) -> tensor<15x16xf64>
    %2 = stablehlo.concatenate %0, %1, dim = 0 : (tensor<1x16xf64>, tensor<15x16xf64>) -> tensor<16x16xf64>
    return %2 : tensor<16x16xf64>
  }
  func.func private @_roll_static_0(%arg0: tensor<16x16xf64>) -> tensor<16x16xf64> {
    %0 = stablehlo.slice %arg0 [1:16, 0:16] : (tensor<16x16xf64>) -> tensor<15x16xf64>
    %1 = stablehlo.slice %arg0 [0:1, 0:16] : (tensor<16x16xf64>) -> tensor<1x16xf64>
    %2 = stablehlo.concatenate %0, %1, dim = 0 : (tensor<15x16xf64>, tensor<1x16xf64>) -> tensor<16x16xf64>
    return %2 : tensor<16x16xf64>
  }
  func.func private @_roll_static_1(%arg0: tensor<16x16xf64>) -> tensor<16x16xf64> {
    %0 = stablehlo.slice %arg0 [0:16, 15:16] : (tensor<16x16xf64>) -> tensor<16x1xf64>
    %1 = stablehlo.slice %arg0 [0:16, 0:15] : (tensor<16x16xf64>) -> tensor<16x15xf64>
    %2 = stablehlo.concatenate %0, %1, dim = 1 : (tensor<16x1xf64>, tensor<16x15xf64>) -> tensor<16x16xf64>
    return %2 : tensor<16x16xf64>
  }
  func.func private @_roll_static_2(%arg0: tensor<16x16xf64>) -> tensor<16x16xf64> {
    %0 = stablehlo.slice %arg0 [0:16, 1:16] : (tensor<16x16xf64>) -> tensor<16x15xf64>
    %1 = stablehlo.slice %arg0 [0:16, 0:1] : (tensor<16x16xf64>) -> tensor<16x1xf64>
    %2 = stablehlo.concatenate %0, %1, dim = 1 : (tensor<16x15xf64>, tensor<16x1xf64>) -> tensor<16x16xf64>
    return %2 : tensor<16x16xf64>
  }
  func.func private @dynamic_update_index_in_dim(%arg0: tensor<25xf64>, %arg1: tensor<f64>, %arg2: tensor<i64>) -> tensor<25xf64> {
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f64>) -> tensor<1xf64>
    %1 = stablehlo.dynamic_update_slice %arg0, %0, %arg2 : (tensor<25xf64>, tensor<1xf64>, tensor<i64>) -> tensor<25xf64>
    return %1 : tensor<25xf64>
  }
}
