module @jit_newton_while attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xf64>) -> (tensor<4xf64> {jax.result_info = "result[0]"}, tensor<i64> {jax.result_info = "result[1]"}) {
    %cst = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f64>) -> tensor<4xf64>
    %cst_0 = stablehlo.constant dense<1.000000e+00> : tensor<f64>
    %1 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f64>) -> tensor<4xf64>
    %c = stablehlo.constant dense<0> : tensor<i64>
    %2:4 = stablehlo.while(%iterArg = %arg0, %iterArg_1 = %0, %iterArg_2 = %1, %iterArg_3 = %c) : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<i64>
    cond {
      %3 = stablehlo.abs %iterArg_2 : tensor<4xf64>
      %cst_4 = stablehlo.constant dense<0xFFF0000000000000> : tensor<f64>
      %4 = stablehlo.reduce(%3 init: %cst_4) applies stablehlo.maximum across dimensions = [0] : (tensor<4xf64>, tensor<f64>) -> tensor<f64>
      %cst_5 = stablehlo.constant dense<9.9999999999999995E-7> : tensor<f64>
      %5 = stablehlo.compare GT, %4, %cst_5, FLOAT : (tensor<f64>, tensor<f64>) -> tensor<i1>
      %c_6 = stablehlo.constant dense<60> : tensor<i64>
      %6 = stablehlo.compare LT, %iterArg_3, %c_6, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
      %c_7 = stablehlo.constant dense<false> : tensor<i1>
      %7 = stablehlo.broadcast_in_dim %c_7, dims = [] : (tensor<i1>) -> tensor<i1>
      %8 = stablehlo.compare NE, %6, %7, UNSIGNED : (tensor<i1>, tensor<i1>) -> tensor<i1>
      %9 = stablehlo.convert %8 : tensor<i1>
      %10 = stablehlo.and %5, %9 : tensor<i1>
      stablehlo.return %10 : tensor<i1>
    } do {
      %3 = stablehlo.multiply %iterArg_1, %iterArg_1 : tensor<4xf64>
      %4 = stablehlo.multiply %3, %iterArg_1 : tensor<4xf64>
      %5 = stablehlo.subtract %4, %iterArg : tensor<4xf64>
      %cst_4 = stablehlo.constant dense<3.000000e+00> : tensor<f64>
      %6 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f64>) -> tensor<4xf64>
      %7 = stablehlo.multiply %6, %iterArg_1 : tensor<4xf64>
      %8 = stablehlo.multiply %7, %iterArg_1 : tensor<4xf64>
      %cst_5 = stablehlo.constant dense<1.000000e-03> : tensor<f64>
      %9 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f64>) -> tensor<4xf64>
      %10 = stablehlo.add %8, %9 : tensor<4xf64>
      %11 = stablehlo.divide %5, %10 : tensor<4xf64>
      %12 = stablehlo.subtract %iterArg_1, %11 : tensor<4xf64>
      %c_6 = stablehlo.constant dense<1> : tensor<i64>
      %13 = stablehlo.add %iterArg_3, %c_6 : tensor<i64>
      stablehlo.return %iterArg, %12, %5, %13 : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<i64>
    }
    return %2#1, %2#3 : tensor<4xf64>, tensor<i64>
  }
}
