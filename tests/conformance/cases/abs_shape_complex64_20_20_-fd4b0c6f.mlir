module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x20xcomplex<f32>>) -> (tensor<20x20xf32> {jax.result_info = "result"}) {
    %0 = stablehlo.real %arg0 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %1 = stablehlo.imag %arg0 : (tensor<20x20xcomplex<f32>>) -> tensor<20x20xf32>
    %2 = stablehlo.abs %0 : tensor<20x20xf32>
    %3 = stablehlo.abs %1 : tensor<20x20xf32>
    %4 = stablehlo.maximum %2, %3 : tensor<20x20xf32>
    %cst = stablehlo.constant dense<9.22337203E+18> : tensor<f32>
    %5 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %6 = stablehlo.compare GE, %4, %5, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %cst_0 = stablehlo.constant dense<2.44140625E-4> : tensor<f32>
    %7 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %8 = stablehlo.compare LE, %4, %7, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %cst_1 = stablehlo.constant dense<2.64697796E-23> : tensor<f32>
    %9 = stablehlo.broadcast_in_dim %cst_1, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %cst_2 = stablehlo.constant dense<3.77789319E+22> : tensor<f32>
    %10 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %cst_3 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %11 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %12 = stablehlo.multiply %0, %9 : tensor<20x20xf32>
    %13 = stablehlo.multiply %0, %10 : tensor<20x20xf32>
    %14 = stablehlo.select %8, %13, %0 : tensor<20x20xi1>, tensor<20x20xf32>
    %15 = stablehlo.select %6, %12, %14 : tensor<20x20xi1>, tensor<20x20xf32>
    %16 = stablehlo.multiply %1, %9 : tensor<20x20xf32>
    %17 = stablehlo.multiply %1, %10 : tensor<20x20xf32>
    %18 = stablehlo.select %8, %17, %1 : tensor<20x20xi1>, tensor<20x20xf32>
    %19 = stablehlo.select %6, %16, %18 : tensor<20x20xi1>, tensor<20x20xf32>
    %20 = stablehlo.select %8, %9, %11 : tensor<20x20xi1>, tensor<20x20xf32>
    %21 = stablehlo.select %6, %10, %20 : tensor<20x20xi1>, tensor<20x20xf32>
    %22 = chlo.square %15 : tensor<20x20xf32> -> tensor<20x20xf32>
    %23 = chlo.square %19 : tensor<20x20xf32> -> tensor<20x20xf32>
    %24 = stablehlo.add %22, %23 : tensor<20x20xf32>
    %25 = stablehlo.sqrt %24 : tensor<20x20xf32>
    %26 = stablehlo.multiply %25, %21 : tensor<20x20xf32>
    %cst_4 = stablehlo.constant dense<0x7F800000> : tensor<f32>
    %27 = stablehlo.broadcast_in_dim %cst_4, dims = [] : (tensor<f32>) -> tensor<20x20xf32>
    %28 = stablehlo.compare EQ, %2, %27, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %29 = stablehlo.compare EQ, %3, %27, FLOAT : (tensor<20x20xf32>, tensor<20x20xf32>) -> tensor<20x20xi1>
    %30 = stablehlo.or %28, %29 : tensor<20x20xi1>
    %31 = stablehlo.select %30, %27, %26 : tensor<20x20xi1>, tensor<20x20xf32>
    %32 = stablehlo.divide %15, %25 : tensor<20x20xf32>
    %33 = stablehlo.divide %19, %25 : tensor<20x20xf32>
    return %31 : tensor<20x20xf32>
  }
}
